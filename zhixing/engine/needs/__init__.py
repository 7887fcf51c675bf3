"""What people lack for their posts (需求研判): gaps with how sure they are."""
