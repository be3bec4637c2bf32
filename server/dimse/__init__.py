"""The DICOM network door: a process that strangers reach, and the half of web that answers it."""
