"""Routes of the public API: its health and a small list of items."""

import os

from fastapi import FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, Field

FRONTEND_ORIGIN = os.environ.get("FRONTEND_ORIGIN", "http://localhost:5173")


class NewItem(BaseModel):
    """What a client sends to add an item."""

    name: str = Field(min_length=1, max_length=80)
    quantity: int = Field(default=1, ge=0)


class Item(NewItem):
    """An item of the list."""

    id: int


class Health(BaseModel):
    """The answer of a service that works."""

    status: str = "ok"


app = FastAPI(title="Example API")
app.add_middleware(
    CORSMiddleware,
    allow_origins=[FRONTEND_ORIGIN],
    allow_methods=["GET", "POST"],
    allow_headers=["content-type"],
)

# Kept in memory: a reload starts from this list again.
items: dict[int, Item] = {
    1: Item(id=1, name="Keyboard", quantity=4),
    2: Item(id=2, name="Screen", quantity=2),
    3: Item(id=3, name="Cable", quantity=25),
}


@app.get("/health")
async def health() -> Health:
    """Tell that the API answers."""
    return Health()


@app.get("/api/items")
async def list_items() -> list[Item]:
    """List the items, oldest first."""
    return list(items.values())


@app.get("/api/items/{item_id}")
async def read_item(item_id: int) -> Item:
    """Return one item."""
    if item_id not in items:
        raise HTTPException(status_code=404, detail=f"No item {item_id}")
    return items[item_id]


@app.post("/api/items", status_code=201)
async def add_item(new: NewItem) -> Item:
    """Add an item at the end of the list."""
    item = Item(id=max(items, default=0) + 1, **new.model_dump())
    items[item.id] = item
    return item
