"""Sentences of marks on pictures."""

from server.i18n import N_

SENTENCES = {
    "marks-moved-on": N_(
        "These marks were saved in another window meanwhile. Load them again; what is drawn here "
        "is kept until you choose."
    ),
    "mark-image": N_("This picture is not one of this case on which you may draw."),
    "mark-frame": N_("The picture has no such frame: it has {most}."),
    "mark-points": N_("This tool sets {fewest} to {most} points."),
    "mark-outside": N_("A point lies outside the picture of {columns} × {rows} pixels."),
    "mark-without-extent": N_("The mark has no extent: all its points are one."),
    "mark-lesion": N_("This lesion is not on the list."),
    "mark-twice": N_("This stands twice."),
    "mark-second-disc": N_("The optic disc of this picture is set already."),
    "mark-no-area": N_("This shape encloses no area."),
    "mark-no-pixels": N_("No pixel lies inside this shape."),
    "marks-none": N_("Nobody marked anything there."),
    "mark-not-relied-on": N_(
        "This mark stands on a picture on which the report does not rest. Delete the mark, or use "
        "the picture."
    ),
    "key-image-not-relied-on": N_(
        "This key image is a picture on which the report does not rest. Choose another, or use the "
        "picture."
    ),
}
