"""Floor 7: what a class needs: protocol listings, experiments, foreign clients."""

from p2pkit.classroom.experiments import one_run, sweep
from p2pkit.classroom.listing import Listing, listing
from p2pkit.classroom.torrent_client import TorrentClient

__all__ = ["Listing", "TorrentClient", "listing", "one_run", "sweep"]
