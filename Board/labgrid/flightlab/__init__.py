"""Flights at a place of labgrid: the same scenarios on this machine, in the board VM, and on a Raspberry Pi over SSH."""
