from zhixing.config.cli import main

main()
