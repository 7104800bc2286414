"""The next update in slow motion: its phases, what each of them shows, and who turns them."""
