"""From one received DICOM file to a filed instance without a case: for STOW-RS and the network.

Its bytes are encrypted as they come and durable before the unit that files them. An ordinary object
is filed by what its head says, and its picture is looked at behind the answer (decision 0165);
into every other one the jail looks before anybody is answered.
"""
