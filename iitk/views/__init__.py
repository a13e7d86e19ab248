"""The notebooks' figures with choices, where a notebook is served as an app: State, pure transitions, and a view.

Outside an app a view returns the very figure that the stage made, and no widget is ever imported.
"""
