"""Questions and answers in windows of their own: load a data set, export and import a model, failures, help."""
