"""An instructor's browser that views a screen: it displays the screen, and types nothing."""

from starlette.websockets import WebSocket, WebSocketDisconnect

from lab.serve.server.hall import Hall
from lab.serve.server.line import Connection
from lab.serve.server.places import Chair
from lab.serve.wire import Kind, packed

__all__ = ["serve"]


async def serve(socket: WebSocket, hall: Hall, chair: Chair) -> None:
    """Display the screen of `chair`, until the browser disconnects. The person there is told about it."""
    await socket.accept()
    browser = Connection(socket)
    view = chair.new_view()
    chair.watchers[view] = browser
    chair.note("looked-at")
    chair.tell_watchers()
    chair.place.link.send(packed(Kind.WATCH, chair.screen, view))
    hall.tell_page(chair)
    hall.touch()

    def ended() -> None:
        if chair.watchers.pop(view, None):
            chair.place.link.send(packed(Kind.DETACH, chair.screen, view))
        hall.tell_page(chair)
        hall.touch()

    await browser.serve(_hear(socket, chair, view), ended)


async def _hear(socket: WebSocket, chair: Chair, view: int) -> None:
    """Receive how much was displayed; any other message ends the connection."""
    try:
        while True:
            frame = await socket.receive_bytes()
            if frame[:1] != b"A" or len(frame) != 5:
                await socket.close(4000, "no such frame")
                return
            chair.place.link.send(packed(Kind.DISPLAYED, chair.screen, view, frame[1:]))
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return
