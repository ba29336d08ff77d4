from salesboard import create_app

app = create_app()
