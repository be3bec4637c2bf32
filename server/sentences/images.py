"""Sentences about images: why a file is refused, what is asked, what still stops a submission.

A code of one file has the prefix `file-`, the reason why an object shows no picture `no-picture-`.
"""

from server.i18n import N_

_FILES = {
    "file-empty-file": N_("The file is empty. Copy it from the camera again."),
    "file-not-an-image": N_("Neither DICOM nor a JPEG, PNG or TIFF picture."),
    "file-gzip-not-taken": N_(
        "Compressed with gzip. Unpack it first, then upload the files in it."
    ),
    "file-big-tiff": N_("A BigTIFF is not taken. Export the photograph as an ordinary TIFF."),
    "file-tiff-colours": N_(
        "A TIFF in print or laboratory colours is not taken. Export it in RGB or grey."
    ),
    "file-tiff-compression": N_(
        "This way of packing a TIFF is not taken. Export it uncompressed, or with LZW."
    ),
    "file-tiff-bits": N_(
        "A TIFF is taken with 8 or 16 bits of whole numbers a colour. Export it that way."
    ),
    "file-tiff-pages": N_("A TIFF of several pages stood where one picture was due."),
    "file-tiff-too-many-pages": N_("The TIFF has more pages than are taken. Split it."),
    "file-photograph-needs-case": N_(
        "A photograph does not say whose it is. Upload it in the patient's case."
    ),
    "file-archive-read": N_("An archive of {count} files; each has a line of its own."),
    "file-try-again": N_("The server was busy. Run the same command again."),
    "file-import-unreadable": N_("The file cannot be read."),
    "file-directory-whole": N_("A DICOM directory of {count} files; all of them are here."),
    "file-directory-incomplete": N_(
        "A DICOM directory of {count} files, {missing} of which are not here. Upload the whole "
        "folder, or the files named below."
    ),
    "file-directory-missing": N_("Named by the DICOM directory, but not here."),
    "file-directory-unsafe": N_(
        "The DICOM directory names it outside its own folder. It was not looked for."
    ),
    "file-is-archive": N_("An archive stood where one picture was due."),
    "file-too-large": N_("The picture is too large to be taken."),
    "file-no-dicom-prefix": N_(
        "It looks like DICOM, but the mark at its start is missing. Export it again from "
        "the device."
    ),
    "file-no-file-meta": N_(
        "It looks like DICOM, but its file header is missing. Export it again from the device."
    ),
    "file-no-transfer-syntax": N_(
        "The DICOM file does not say how it is coded. Export it again from the device."
    ),
    "file-no-sop-class": N_(
        "The DICOM file does not say what it is. Export it again from the device."
    ),
    "file-no-study-or-series-uid": N_(
        "The DICOM file does not say to which study it belongs. Export it again from the device."
    ),
    "file-malformed-uid": N_(
        "The DICOM file holds an identifier that is none. Export it again from the device."
    ),
    "file-directory": N_("A DICOM directory, not an image. Upload the images themselves."),
    "file-cut-short": N_("The file is cut short. Copy it again."),
    "file-malformed": N_("The DICOM file is damaged. Export it again from the device."),
    "file-too-deep": N_("The DICOM file is nested too deeply to be read safely."),
    "file-too-many-elements": N_("The DICOM file holds too many entries to be read safely."),
    "file-damaged-picture": N_(
        "The picture is damaged or incomplete. Copy it from the camera again."
    ),
    "file-picture-too-large": N_("The picture has too many pixels to be taken."),
    "file-progressive-jpeg": N_(
        "A progressive JPEG is not taken. Export the photograph as an ordinary (baseline) JPEG."
    ),
    "file-arithmetic-jpeg": N_(
        "This kind of JPEG is not taken. Export the photograph as an ordinary (baseline) JPEG."
    ),
    "file-not-baseline-jpeg": N_(
        "This kind of JPEG is not taken. Export the photograph as an ordinary (baseline) JPEG."
    ),
    "file-twelve-bit-jpeg": N_("A 12-bit JPEG is not taken as a photograph. Export it as DICOM."),
    "file-cmyk-jpeg": N_("A JPEG in print colours (CMYK) is not taken. Export it in RGB."),
    "file-sixteen-bit-png": N_("A 16-bit PNG is not taken. Export it with 8 bits."),
    "file-animated-png": N_("A moving PNG is not taken. Export single pictures."),
    "file-damaged-zip": N_(
        "The ZIP archive is damaged. Pack it again, or upload the files themselves."
    ),
    "file-encrypted-zip": N_("The ZIP archive has a password. Unpack it and upload the files."),
    "file-zip-bomb": N_(
        "The ZIP archive unpacks to far more than it can hold. Upload the files themselves."
    ),
    "file-zip-too-many-entries": N_("The ZIP archive holds too many files. Split it."),
    "file-zip-too-large": N_("The ZIP archive is too large when unpacked. Split it."),
    "file-zip-method": N_(
        "The ZIP archive is packed in an unusual way. Pack it again as an ordinary ZIP."
    ),
    "file-zip-nested": N_("An archive within an archive is not taken. Unpack it first."),
    "file-zip-no-such-entry": N_(
        "The ZIP archive is damaged. Pack it again, or upload the files themselves."
    ),
    "file-zip-empty": N_("The ZIP archive holds no files."),
    "file-zip-stopped": N_(
        "Not looked at, since three files of this archive could not be read safely. Upload it by "
        "itself."
    ),
    "file-decoder-crashed": N_(
        "The picture could not be read safely. Export it again from the device."
    ),
    "file-decoder-timed-out": N_(
        "Reading the picture took too long. Export it again from the device."
    ),
    "file-no-picture": N_("The file holds no picture."),
    "file-no-such-frame": N_("The image has no such frame."),
    "file-not-ours": N_("This object was not made here and stays as it is."),
    "file-invalid-params": N_("The file could not be processed. Upload it again."),
    "file-unknown-job": N_("The file could not be processed. Upload it again."),
    "file-same-bytes-other-patient": N_(
        "Exactly this picture already stands in case {other} of another patient. Check "
        "the patient; if it belongs to case {own} all the same, say why."
    ),
    "file-image-other-patient": N_(
        "This picture was found to be another patient's, and is not taken for this one again."
    ),
    "file-same-bytes-other-eye": N_(
        "Exactly this picture is already here as the other eye. One picture cannot be both eyes."
    ),
    "file-image-conflict": N_(
        "Another image with the same DICOM number is stored already. Nothing was "
        "overwritten; both are kept until you decide."
    ),
    "file-image-known": N_("Already here."),
    "file-quota-full": N_(
        "Your institution keeps as many images as it may, so this one was not stored. Tell your "
        "administrator."
    ),
    "file-case-not-open-for-images": N_(
        "The case has been submitted meanwhile; images can no longer be added."
    ),
    "file-upload-expired": N_("The upload was not finished in time. Upload the file again."),
    "file-left-out": N_("Left out: it is not this patient's."),
    "file-upload-failed": N_("The file could not be processed on our side. Upload it again."),
    "file-upload-lost": N_("The file did not arrive whole. Upload it again."),
    "file-not-found": N_("Not available to you, or not there."),
}
_NO_PICTURES = {
    "no-picture-no-pixel-data": N_("Kept; it holds no picture (a report, a plan or a waveform)."),
    "no-picture-unsupported-transfer-syntax": N_(
        "Kept, but its way of coding cannot be shown here."
    ),
    "no-picture-not-looked-at": N_("Kept; its picture is being prepared."),
    "no-picture-undecodable": N_("Kept, but its picture is damaged and cannot be shown."),
    "no-picture-pixel-description": N_(
        "Kept, but its picture is described wrongly and cannot be shown."
    ),
    "no-picture-picture-too-large": N_("Kept, but its picture is too large to be shown."),
    "no-picture-video": N_("Kept as a video; it is played in the reading room."),
    "no-picture-decoder-crashed": N_("Kept, but its picture could not be read safely."),
    "no-picture-decoder-timed-out": N_("Kept, but reading its picture took too long."),
}
SENTENCES = {
    **_FILES,
    **_NO_PICTURES,
    "quota-full": N_(
        "Your institution keeps as many images as it may. Nothing was stored; tell your "
        "administrator."
    ),
    "upload-gone": N_("This upload is no longer there. Upload the file again."),
    "upload-too-large": N_("The file is too large (at most {largest_mb} MB)."),
    "empty-file": N_("The file is empty. Copy it from the camera again."),
    "uploads-too-many": N_("At most {limit} files can wait at once. Wait until some have arrived."),
    "upload-wrong-offset": N_("Part of the file is here already; the upload goes on from there."),
    "upload-not-asked": N_("Nothing is asked about this file any more."),
    "upload-busy": N_("The same file is still being received. Try again in a moment."),
    "upload-too-long": N_("More bytes came than the file should have. Upload it again."),
    "disk-full": N_(
        "The server has no room for more files. What arrived is kept; tell your IT person."
    ),
    "tus-version": N_("The upload program speaks another version of the protocol."),
    "tus-header-malformed": N_("The upload could not be understood. Nothing was stored."),
    "tus-piece-type": N_("The upload could not be understood. Nothing was stored."),
    "image-raced": N_("The same image is being stored at this moment. Try again."),
    "image-changed": N_("The image was changed meanwhile. Reload the page."),
    "conflict-settled": N_("Somebody has decided about this conflict already."),
    "case-not-open-for-images": N_(
        "The images of a case are changed only before it is submitted or after a return. "
        "It is now: {status}."
    ),
    "eyes-changed": N_(
        "The images have changed since this page was drawn. Look again, then confirm."
    ),
    "eye-conflict": N_(
        "Image {position}: its sources name different eyes. Look at it and confirm it by itself."
    ),
    "eye-missing": N_("Image {position}: choose the eye and the field."),
    "same-bytes-both-eyes": N_("Image {position}: the same picture cannot be both eyes."),
    "image-question-answered": N_("Somebody has answered this question already."),
    "move-target-not-open": N_(
        "Images can be moved only into another open draft of your institution."
    ),
    "first-look-type": N_("Only a small JPEG copy is looked at before the photograph arrives."),
    "first-look-fundus": N_("First look: a fundus photograph."),
    "first-look-right": N_("First look: a fundus photograph, probably of the right eye."),
    "first-look-left": N_("First look: a fundus photograph, probably of the left eye."),
    "first-look-other": N_(
        "First look: this does not look like a fundus photograph. Check it while the patient is "
        "still here."
    ),
    "first-look-unreadable": N_(
        "First look: the picture cannot be read. Check it while the patient is still here."
    ),
    "images-none": N_("There is no image yet."),
    "image-missing": N_("{eye}: {field} photograph missing. Take it, or give the reason."),
    "eye-absent-in-part": N_("An absent eye is stated for the whole eye, not for one field."),
    "absent-eye-photographed": N_(
        "{eye}: stated to be absent, yet there is a photograph of it. Correct one of the two."
    ),
    "eyes-unconfirmed": N_("{count} images wait for the eye to be confirmed."),
    "image-questions-open": N_("{count} questions about the images wait for an answer."),
    "image-conflicts-open": N_("{count} images collide with stored ones and wait for a decision."),
    "uploads-running": N_("{count} files are still on their way."),
    "uploads-asked": N_("{count} uploaded files wait for an answer."),
    "images-none-chosen": N_("Choose at least one image first."),
    "picture-not-acceptable": N_("Pictures are given as JPEG only."),
    "document-none": N_("This object holds no file."),
    "picture-none": N_("This object has no picture to show."),
    "picture-parameter": N_("The picture was asked for in a way that makes no sense."),
    "picture-unreadable": N_("The picture could not be read. Try again, or tell your IT person."),
    "case-not-corrected": N_(
        "Pictures are corrected here once the case was submitted and as long as it is not "
        "withdrawn. It is now: {status}."
    ),
    "image-not-sent": N_(
        "Image {position} has come since the case was returned: change it above, before you submit."
    ),
    "image-was-sent": N_(
        "This image was sent with the case, and others may rely on it. Use “Corrected pictures” on "
        "this page: both states are kept."
    ),
    "image-taken-elsewhere": N_(
        "Image {position} belongs to an earlier exam. It is corrected in the case for which it was "
        "taken."
    ),
    "correction-changes-nothing": N_("Eye and field are already what you chose."),
    "correction-target": N_(
        "Choose an open draft of another patient of your institution, or a patient of yours."
    ),
    "image-withdrawn": N_(
        "This picture was corrected: it proved to be another patient's and is not shown here."
    ),
    "blob-missing": N_("The stored image is missing. Tell the administrator."),
    "blob-damaged": N_("The stored image is damaged and is not shown. Tell the administrator."),
    "registration-other-eye": N_("These are photographs of two different eyes."),
    "registration-not-found": N_(
        "These two photographs cannot be laid over each other. Look at them side by side."
    ),
}
