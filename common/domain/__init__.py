"""Pure rules of the product. Nothing here performs I/O or imports another layer."""
