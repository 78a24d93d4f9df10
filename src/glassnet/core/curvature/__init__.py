"""Second derivatives of a cost: products of its Hessian with vectors, and the largest eigenvalue."""
