"""Who acts and for whom: agencies with dated names and succession, people, roles."""
