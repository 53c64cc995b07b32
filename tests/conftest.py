"""What every test can ask for. The fixtures live in modules that are named by what they hold."""

pytest_plugins = [
    "tests.run_folder",
    "tests.databases",
    "tests.pace",
    "tests.made_ready",
    "tests.servers",
    "tests.browser",
    "tests.records",
    "tests.portal_app",
]
