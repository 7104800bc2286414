"""The mathematics: one explicit table a concept, all parameters in one flat vector, our own random numbers."""
