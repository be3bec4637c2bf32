"""Coded concepts of the templates that are followed (PS3.16)."""

from typing import Final

from imaging.fundus.fields import Code

# TID 1500 and what it includes
REPORT: Final = Code("126000", "DCM", "Imaging Measurement Report")
LIBRARY: Final = Code("111028", "DCM", "Image Library")
LIBRARY_GROUP: Final = Code("126200", "DCM", "Image Library Group")
MEASUREMENTS: Final = Code("126010", "DCM", "Imaging Measurements")
GROUP: Final = Code("125007", "DCM", "Measurement Group")
EVALUATIONS: Final = Code("C0034375", "UMLS", "Qualitative Evaluations")
LANGUAGE: Final = Code("121049", "DCM", "Language of Content Item and Descendants")
CHINESE: Final = Code("zh-CN", "RFC5646", "Chinese (China)")
OBSERVER_TYPE: Final = Code("121005", "DCM", "Observer Type")
PERSON: Final = Code("121006", "DCM", "Person")
OBSERVER: Final = Code("121008", "DCM", "Person Observer Name")
ORGANISATION: Final = Code("121009", "DCM", "Person Observer's Organization Name")
PROCEDURE: Final = Code("121058", "DCM", "Procedure reported")
TRACKING_ID: Final = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UID: Final = Code("112040", "DCM", "Tracking Unique Identifier")
FINDING: Final = Code("121071", "DCM", "Finding")
SITE: Final = Code("363698007", "SCT", "Finding Site")
LATERALITY: Final = Code("272741003", "SCT", "Laterality")
REGION: Final = Code("111030", "DCM", "Image Region")
SOURCE: Final = Code("121112", "DCM", "Source of Measurement")
COMMENT: Final = Code("121106", "DCM", "Comment")
SIDES: Final = {
    "R": Code("24028007", "SCT", "Right"),
    "L": Code("7771000", "SCT", "Left"),
}
# TID 2010
OF_INTEREST: Final = Code("113000", "DCM", "Of Interest")
TAKEN_BACK: Final = Code("113037", "DCM", "Rejected for Patient Safety Reasons")
KEY_NOTE: Final = Code("113012", "DCM", "Key Object Description")
