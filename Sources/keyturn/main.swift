import KeyturnCommands

await Keyturn.start()
