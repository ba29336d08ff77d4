from salesboard.customers import rules

name_key = getattr(rules, "name_key", lambda n: n)
pinyin_keys = getattr(rules, "pinyin_keys", lambda n: ("", ""))
