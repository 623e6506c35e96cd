"""The least that a Django server can do, measured beside the product: unit T, and the floor of saving."""
