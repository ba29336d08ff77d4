from salesboard.cli import main

main()
