"""Sentences about machines of the DICOM network."""

from collections.abc import Mapping
from types import MappingProxyType

from server.i18n import N_

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "study-taken": N_("These images do not wait any more. Somebody was first."),
        "camera-unknown": N_("This is no camera that may send pictures to your institution now."),
        "camera-elsewhere": N_("The camera is not with this patient any more."),
        "delivery-taken": N_("This picture does not wait any more. Somebody was first."),
        "machine-needed": N_("Only the computer of a camera comes by this door."),
        "study-too-large": N_(
            "This study holds more than {most} images, more than a case takes at once. "
            "Upload those that are needed as files."
        ),
        "peer-network-needed": N_(
            "Name the network that the device comes from, or the name in its certificate."
        ),
        "peer-certificate": N_("Write the name as it stands in the certificate."),
        "peer-host-needed": N_("TLS is for a device that images are sent to: name its host."),
        "peer-title-taken": N_(
            "Another device comes in under this AE title. Give one a new title."
        ),
        "peer-title": N_("An AE title has 1 to 16 letters, digits or signs, without a backslash."),
        "peer-network": N_("Name an address or a network, such as 10.1.2.0/24."),
        "peer-host": N_("Name a host or an address."),
        "peer-half": N_("Host and port belong together."),
        "peer-port": N_("A port is a number from 1 to 65535."),
        "peer-idle": N_("Say what the device may do."),
        "destination-url": N_(
            "Write the root of a DICOMweb service, such as https://pacs.example.org/dicom-web; "
            "without TLS only one on this very machine."
        ),
        "destination-token": N_("A token has letters, digits and the signs - . _ ~ + / = alone."),
        "destination-authority": N_("Paste certificates in PEM, with their first and last lines."),
        "destination-certificate": N_(
            "With TLS, write the name in its certificate: nobody else is sent anything."
        ),
        "destination-changed": N_("Somebody changed this a moment ago. Load the page again."),
        "destinations-full": N_("An institution has at most {most} destinations."),
        "dispatch-settled": N_("This has arrived meanwhile."),
    }
)
