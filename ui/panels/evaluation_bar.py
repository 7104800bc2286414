"""What one can choose above the evaluation: which page, which rows, and what the cells of the matrix say."""

PAGES: dict[str, dict[str, tuple[str, str]]] = {
    "classification": {
        "matrix": ("Matrix", "Confusion matrix: how often each class was taken for each class"),
        "scores": ("Scores", "Precision, recall and F1 of every class, and scores of all together"),
        "roc": ("ROC", "Receiver operating characteristic: the true positive rate over the false positive rate"),
        "pr": ("PR", "Precision over recall, for every threshold"),
        "calibration": ("Calibration", "Whether what is said to be 80 % probable is so in 80 % of the rows"),
    },
    "regression": {
        "predicted": ("Predicted", "Predicted values against the true ones"),
        "residuals": ("Residuals", "What is left over, y − ŷ, against the predicted value, and how often"),
        "figures": ("Figures", "R², RMSE, MAE and others, with their formulas"),
    },
}
"""Every page of a task by its key: its name and what it shows."""

SPLIT_CHOICES = {
    "test": ("Test", "The rows that the network was never trained on"),
    "train": ("Train", "The rows that the network is trained on"),
    "all": ("All", "Training and test rows together"),
}

MODES = {
    "count": ("n", "Counts: how many rows"),
    "row": ("Row %", "Shares of the rows that are of a class: each line adds up to 100 %, the diagonal is the recall"),
    "column": (
        "Col %", "Shares of the rows that were called so: each column adds up to 100 %, the diagonal is the precision"
    ),
}  # fmt: skip
