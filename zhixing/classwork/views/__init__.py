"""Pages of how a class is organised."""
