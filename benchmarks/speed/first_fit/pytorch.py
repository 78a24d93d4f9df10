"""Iris by PyTorch: `python pytorch.py iris.npz`."""

import sys

import numpy as np
import torch
from torch import nn

with np.load(sys.argv[1]) as iris:
    X, y = torch.from_numpy(iris["X"]), torch.from_numpy(iris["y"])
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)
for _ in range(100):
    for rows in torch.randperm(len(X)).split(32):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X[rows]), y[rows]).backward()
        optimizer.step()
print((model(X).argmax(dim=1) == y).float().mean().item())
