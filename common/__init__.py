"""What AIPROD means: the product's rules and machinery, below every function."""
