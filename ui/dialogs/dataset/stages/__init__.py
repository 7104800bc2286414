"""The stages of the recipe, one after the other, as the dialog asks about them."""
