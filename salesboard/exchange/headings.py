"""The heads under which teams keep our fields, in Chinese and English.

Heads are listed as `plain` leaves them: simplified, lower case, no spaces or punctuation. A head under a full key
(`deal.amount`) can mean nothing else; one under a bare code (`owner`) belongs to whatever its sheet is about.
"""

from __future__ import annotations

from salesboard.exchange.values import plain

EXPLAINING_SHEETS = {"en": "How to fill it in", "zh_Hans": "填写说明", "zh_Hant": "填寫說明"}
"""The sheets of our own templates that hold no rows, in each language: passed over without a word."""

_HEADS = {
    "customer.number": (
        "客户编号 客户编码 客户代码 客户号 客户id customernumber customerno customercode customerid "
        "accountnumber"
    ),
    "customer.external_id": "accountid companyrecordid associatedcompanyid",
    "customer.name": (
        "客户名称 客户 客户名 客户全称 客户姓名 客户单位 客户公司 公司名称 公司 公司名 公司全称 "
        "企业名称 企业 单位名称 单位 customer customername company companyname account accountname "
        "organization organizationname organisation organisationname client clientname partnername "
        "关联客户 所属客户 客户简称 associatedcompany associatedcompanyprimary dealorganization "
        "personorganization relatedcompany"
    ),
    "customer.industry": (
        "行业 所属行业 行业分类 行业类别 行业类型 客户行业 industry sector customerindustry 1级行业 一级行业"
    ),
    "customer.employees": (
        "规模 企业规模 公司规模 客户规模 人员规模 员工规模 员工数 员工人数 人数 employees "
        "numberofemployees noofemployees companysize headcount"
    ),
    "customer.annual_revenue": "年营业额 营业额 年营收 年收入 年销售额 annualrevenue revenue",
    "customer.main_business": "主营业务 经营范围 主要业务 业务范围 mainbusiness",
    "customer.region": (
        "区域 所属区域 销售区域 地区 所属地区 所在地区 所在地 省份 城市 大区 region territory location "
        "city country countryregion 省 省市 billingcity billingstate mailingcity shippingcity state "
        "province"
    ),
    "customer.source": (
        "来源 客户来源 线索来源 渠道来源 来源渠道 获客渠道 source leadsource customersource "
        "originalsource accountsource originaltrafficsource dealsource 客户来源渠道 商机来源"
    ),
    "customer.first_contact_date": (
        "首次接触日期 首次接触时间 首次接触 首次联系日期 首次联系时间 首次沟通日期 首次沟通时间 "
        "首次拜访日期 firstcontact firstcontactdate firstcontacted 首次联络日期"
    ),
    "customer.status": "客户状态 customerstatus",
    "customer.level": (
        "客户等级 客户级别 客户分级 等级 级别 重要程度 level customerlevel customergrade rating accountrating"
    ),
    "customer.created_by": "创建人 录入人 登记人 建档人 createdby creator 建立人 建立者 createdbyname",
    "customer.verified_by": "核对人 核查人 审核人 抽查人 verifiedby checkedby",
    "customer.verified_date": "核对日期 核对时间 核查日期 审核日期 抽查日期 verifiedon verifiedat verifieddate",
    "customer.need_priorities": "需求优先级 痛点优先级 需求优先程度 prioritiesoftheneeds needspriority needpriority",
    "contact.contact_name": (
        "联系人 联系人姓名 姓名 主要联系人 关键联系人 客户联系人 对接人 contact contactname "
        "contactperson personname primarycontact 联络人 联络人姓名 associatedcontact dealcontactperson "
        "fullname 聯絡人"
    ),
    "contact.first_name": "firstname givenname personfirstname 名",
    "contact.last_name": "lastname familyname surname personlastname 姓",
    "contact.contact_title": (
        "职位 职务 岗位 联系人职位 联系人职务 jobtitle position contacttitle 职称 头衔"
    ),
    "contact.phone": (
        "联系方式 联系方法 联系电话 电话 电话号码 手机 手机号 手机号码 移动电话 固定电话 固话 座机 "
        "联系人电话 联系人手机 联系人联系方式 客户电话 phone phonenumber mobile mobilephone "
        "mobilenumber telephone tel cell contactnumber contactphone personphone 联络电话 行动电话 "
        "whatsapp homephone workphone businessphone personphonemobile personphonework"
    ),
    "contact.email": (
        "邮箱 邮箱地址 电子邮箱 电子邮件 邮件地址 联系邮箱 联系人邮箱 email emailaddress contactemail "
        "personemail 信箱 邮件 emailfrom workemail personemailwork personemailhome"
    ),
    "contact.wechat": "微信 微信号 联系人微信 wechat wechatid contactwechat",
    "contact.contact_role": (
        "决策角色 决策链角色 联系人角色 contactrole decisionrole buyingrole roleinthedecision roleindecision"
    ),
    "contact.attitude": "态度 联系人态度 attitude contactattitude stance",
    "contact.reports_to": "汇报给 汇报对象 直属上级 上级 上级领导 报告给 reportsto reportstoname",
    "contact.preferred_channel": (
        "偏好联系方式 首选联系方式 偏好沟通方式 偏好联络方式 likestobereachedby preferredchannel "
        "preferredcontactmethod preferredcontact"
    ),
    "deal.number": "机会编号 商机编号 销售机会编号 项目编号 dealnumber opportunitynumber",
    "deal.external_id": "opportunityid dealid",
    "deal.name": (
        "机会名称 销售机会 销售机会名称 机会 商机 商机名称 项目 项目名称 deal dealname dealtitle "
        "opportunity opportunityname project projectname 关联商机 关联机会 deals"
    ),
    "deal.stage": (
        "阶段 当前阶段 所处阶段 销售阶段 跟进阶段 机会阶段 商机阶段 项目阶段 客户阶段 stage "
        "currentstage dealstage salesstage stagename opportunitystage pipelinestage 目前阶段 stageid "
        "销售流程阶段"
    ),
    "deal.outcome": "outcome 结果 商机状态 机会状态 dealstatus",
    "deal.amount": (
        "金额 预估金额 预计金额 预期金额 预估成交金额 预计成交金额 预计签单金额 预计销售额 预计销售金额 "
        "机会金额 商机金额 项目金额 amount value dealvalue dealamount expectedamount estimatedvalue "
        "estimatedamount opportunityamount plannedrevenue leadvalue 商机预计金额"
    ),
    "deal.budget": "预算 客户预算 项目预算 预算金额 budget",
    "deal.probability": (
        "概率 成交概率 成功概率 赢率 赢单率 成功率 成单率 probability winprobability dealprobability "
        "likelihood 机率 成交机率 概率百分比 機率"
    ),
    "deal.expected_close": (
        "预计成交日期 预计成交时间 预计签约日期 预计签约时间 预计签单日期 预计签单时间 预计结单日期 "
        "预计完成日期 expectedclose expectedclosedate expectedclosingdate estimatedclosedate 预计成交 "
        "预计结单时间 datedeadline dealexpectedclosedate expectedclosing"
    ),
    "deal.entered_date": (
        "进入阶段日期 进入当前阶段日期 阶段开始日期 阶段变更日期 阶段变更时间 entereddate enteredstage "
        "dateenteredstage engagedate engagementdate stagesince inthisstagesince"
    ),
    "deal.closed_date": (
        "成交日期 成交时间 签约日期 签约时间 签单日期 签单时间 签订日期 合同签订日期 合同日期 赢单日期 "
        "关闭日期 流失日期 closeddate closedon signeddate signingdate signedon wondate lostdate "
        "contractdate 成交或流失日期 结单日期 结单时间 dealclosedon closedat dateclosed"
    ),
    "deal.contract_amount": (
        "合同金额 合同额 成交金额 成交额 签约金额 签单金额 实际成交金额 contractamount contractvalue "
        "closevalue closedamount signedamount wonamount 合约金额 签约额 合約金額"
    ),
    "deal.lost_reason": (
        "流失原因 丢单原因 输单原因 失败原因 未成交原因 lostreason lossreason losereason reasonlost "
        "closedlostreason reasonforlosing reasonforloss lossreasons deallostreason lostreasonid "
        "输单描述"
    ),
    "deal.lost_words": "流失原因说明 流失说明 丢单说明 输单说明 reasonforlosinginwords lostreasoninwords",
    "deal.contract_number": "合同编号 合同号 合约编号 contractnumber contractno",
    "deal.payment_terms": "付款计划 付款方式 付款条件 付款条款 paymentplan paymentterms",
    "deal.first_goal": "首要目标 首个目标 近期目标 firstgoal",
    "deal.competitor": "竞争对手 竞品 competitor competitors 主要竞争对手 maincompetitor maincompetitors",
    "followup.number": "跟进编号 跟进记录编号 跟进单号 followupnumber",
    "followup.occurred_at": (
        "跟进日期 跟进时间 沟通日期 沟通时间 联系日期 联系时间 拜访日期 拜访时间 本次联系时间 "
        "本次联系日期 本次跟进时间 本次跟进日期 本次沟通时间 最近沟通时间 最近跟进时间 最近联系时间 "
        "最后跟进时间 occurredat followupdate followupon activitydate contactdate contactedon "
        "meetingdate calldate talkdate visitdate lastactivitydate tookplace 发布时间 跟进时刻"
    ),
    "followup.previous_at": (
        "上次联系时间 上次联系日期 上次跟进时间 上次跟进日期 上次沟通时间 上次沟通日期 previouscontact "
        "previoustalk talkbefore 上次联络时间 上次聯絡時間 上次联络日期"
    ),
    "followup.author": (
        "跟进人 跟进人员 沟通人 拜访人 记录人 author followedby followedupby loggedby writtenby 发布人"
    ),
    "followup.method": (
        "跟进方式 沟通方式 拜访方式 跟进形式 跟进类型 沟通形式 method contactmethod activitytype "
        "followupmethod 销售记录类型 跟进类别"
    ),
    "followup.participants": "参与人员 参与人 参会人员 参加人员 participants attendees",
    "followup.content": (
        "跟进内容 跟进记录 跟进情况 跟进详情 跟进描述 沟通内容 沟通内容摘要 沟通记录 沟通情况 沟通摘要 "
        "拜访内容 拜访记录 主要讨论内容 讨论内容 会谈内容 content followup followupcontent "
        "followupnotes notebody activitynote summary discussion whatwassaid 内容"
    ),
    "followup.feedback": (
        "客户反馈 反馈 反馈意见 客户反应 客户意见 feedback customerfeedback customersfeedback 客户回馈 回馈 客戶回饋"
    ),
    "followup.agreed": "达成共识 共识 agreed agreement",
    "followup.materials": "提交物料 提交资料 提供资料 物料 materials materialhandedover",
    "followup.promised": "客户承诺 承诺事项 promised customerpromised",
    "followup.objection": "异议 客户异议 objection objections",
    "followup.competitor_news": "竞品动态 竞争对手动态 竞争动态 newsofcompetitors competitornews",
    "followup.opportunity_risk": "机会与风险 机会风险 风险与机会 opportunityorrisk",
    "followup.next_method": "下一步方式 下次跟进方式 下次联系方式 methodofthenextstep nextmethod",
    "followup.next_step": (
        "下一步 下步计划 下一步计划 下一步行动 下一步工作 下一步跟进计划 后续计划 后续行动 下次计划 "
        "下次跟进计划 nextstep nextsteps nextaction nextactivity"
    ),
    "followup.next_due": (
        "下次跟进日期 下次跟进时间 下次联系日期 下次联系时间 下次沟通时间 计划日期 计划完成日期 "
        "下一步时间 下一步日期 nextdue nextdate nextstepdate nextfollowup nextfollowupdate "
        "nextcontactdate nextactivitydate nextstepby 下次联络日期 下次联络时间"
    ),
    "number": "编号 number",
    "external_id": "外部编号 原编号 原系统编号 externalid recordid numberelsewhere id",
    "name": "名称 name",
    "status": "状态 status",
    "owner": (
        "负责人 销售负责人 跟进负责人 责任人 归属人 所有人 所属销售 业务员 销售 销售员 销售人员 "
        "销售专员 销售代表 客户经理 跟单人 owner ownername dealowner accountowner companyowner "
        "contactowner opportunityowner salesrep salesperson salesagent salesrepresentative "
        "accountmanager assignedto 归属销售 负责销售 leadowner contactownername organizationowner "
        "personowner"
    ),
    "needs": ("需求 客户需求 需求痛点 痛点 需求描述 核心需求 needs painpoints requirements newneeds 新需求"),
    "remarks": "备注 备注信息 说明 remarks remark notes note comments comment description memo 備註",
    "created_date": (
        "创建日期 创建时间 立项日期 录入日期 录入时间 createddate createdate createdon createdat "
        "datecreated created 建立日期 建立时间 createdtime dealdealcreated dealcreated"
    ),
    "occurred_at": "日期 时间 date",
}

HEADS: dict[str, tuple[str, ...]] = {
    plain(head): (field,) for field, heads in _HEADS.items() for head in heads.split()
} | {
    # one column for both: when an open deal is to close, and when a closed one did
    "closedate": ("deal.expected_close", "deal.closed_date"),
    "closingdate": ("deal.expected_close", "deal.closed_date"),
}

REASON_HEADS = frozenset(map(plain, ("Why it was not taken", "没有导入的原因", "沒有匯入的原因")))
"""What stands before a row that was handed back, and after it the row's number: neither is the file's own."""

GUESSES = {
    plain(head): field
    for field, heads in {
        "contact.contact_name": "法定代表人 法人 法人代表 legalrepresentative",
        "customer.external_id": "统一社会信用代码 社会信用代码 税号 taxid vat",
        "customer.region": "市 国家 billingcountry mailingstate",
        "customer.main_business": "主要产品 主营产品",
        "customer.remarks": "其他 其它 补充说明 other",
    }.items()
    for head in heads.split()
}
"""Heads that may hold this, for want of a better column."""
