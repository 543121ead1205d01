import AcsEmulator

await EmulatorCommand.start()
