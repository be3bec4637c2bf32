"""Our server beside Orthanc on this machine: the same requests by turns, what each spends."""
