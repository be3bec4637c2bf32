"""The DICOM network door: whether it is open, as whom, and how it is secured."""

from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

from server.settings.paths import FilePath


class DicomSettings(BaseSettings):
    """Without a port there is no such door."""

    dicom_port: int | None = Field(
        None, ge=1, le=65535, description="port of the DICOM network (default: none)"
    )
    dicom_host: str = Field(
        "127.0.0.1", min_length=1, description="address of the DICOM network to listen on"
    )
    dicom_title: str = Field(
        "LIANZHEN", pattern=r"^[!-~]([ -\[\]-~]{0,14}[!-~])?$", description="our AE title"
    )
    dicom_cert: FilePath | None = Field(
        None, description="PEM file of the certificate for DICOM over TLS"
    )
    dicom_key: FilePath | None = Field(
        None, validate_default=True, description="PEM file of that certificate's key"
    )
    dicom_ca: FilePath | None = Field(
        None,
        validate_default=True,
        description="PEM file of the authorities whose devices may connect (mutual TLS)",
    )

    @field_validator("dicom_key", "dicom_ca")
    @classmethod
    def _check_tls(cls, file: Path | None, found: ValidationInfo) -> Path | None:
        certificate = found.data.get("dicom_cert")
        is_key = found.field_name == "dicom_key"
        if (file is not None and certificate is None) or (
            is_key and file is None and certificate is not None
        ):
            raise PydanticCustomError("dicom-tls-half", "a certificate and its key")
        return file
