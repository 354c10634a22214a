"""The product on one machine: command, gateway and world."""
