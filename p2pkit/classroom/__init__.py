"""Floor 7: what a class needs: protocol listings shown from the installed source."""

from p2pkit.classroom.listing import Listing, listing

__all__ = ["Listing", "listing"]
