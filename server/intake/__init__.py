"""Files on their way in: received piece by piece, looked at in the jail, wrapped, filed."""
