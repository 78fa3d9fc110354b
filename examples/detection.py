"""Train a small network that finds coins: boxes and keypoints move with their pictures, by the same draws.

Shows boxes with labels and keypoints as columns of `y`, a list of any number of boxes for each picture, and what
batches make of them. Pictures with boxes (one colour for large coins, one for small) and middles of coins go to
detection.png.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import keras
import numpy as np
import skimage.data
from PIL import Image
from skimage.filters import gaussian, sobel
from skimage.measure import label, regionprops
from skimage.segmentation import watershed

from seqaug import AugmentedSequence, RandomBrightness, RandomFlip, RandomRotation, RandomZoom, Rescaling

SIZE, CELLS, SMALL, LARGE = 128, 8, 0, 1
picture = skimage.data.coins()
seeds = np.select([picture < 30, picture > 150], [1, 2])
coins = [region for region in regionprops(label(watershed(sobel(gaussian(picture)), seeds) == 2)) if region.area > 400]
usual = np.median([coin.area for coin in coins])

images, boxes, labels, middles = [], [], [], []
for top in range(0, picture.shape[0] - SIZE, 40):
    for left in range(0, picture.shape[1] - SIZE, 40):
        corner = np.array([left, top])
        edges = np.array([[*coin.bbox[1::-1], *coin.bbox[:1:-1]] for coin in coins]) - np.tile(corner, 2)
        whole = ((edges >= 0) & (edges <= SIZE)).all(axis=1)
        images.append(picture[top : top + SIZE, left : left + SIZE, None])
        boxes.append(edges[whole])
        labels.append(np.array([LARGE if coin.area > usual else SMALL for coin in coins])[whole])
        points = [[*(np.array(coin.centroid)[::-1] - corner), 2] for coin in np.array(coins, object)[whole]]
        middles.append(np.array(points).reshape(-1, 3))  # x, y and that they are to be seen

train = AugmentedSequence(
    np.stack(images),
    {"bounding_boxes": {"boxes": boxes, "labels": labels}, "keypoints": middles},
    bounding_box_format="xyxy",
    min_visibility=0.5,
    augment=[
        RandomFlip(),
        RandomRotation(0.1),
        RandomZoom(0.2),
        RandomBrightness(0.1),
        Rescaling(1 / 255),
    ],
    batch_size=8,
    seed=7,
)
x, y = train[0]
print(f"images {x.shape}, boxes {y['bounding_boxes']['boxes'].shape}, labels {y['bounding_boxes']['labels'].shape}")
print(f"keypoints {y['keypoints'].shape}; of {sum(map(len, boxes))} boxes none is lost without augmentation:",
      sum(int((y["bounding_boxes"]["labels"] >= 0).sum()) for _, y in train.evaluation()))  # fmt: skip


class Finder(keras.Model):
    """Says for each of 8×8 cells whether the middle of a coin is there; its loss reads the boxes of a batch."""

    def __init__(self):
        super().__init__()
        filters = [keras.layers.Conv2D(16, 5, strides=4, padding="same", activation="relu") for _ in range(2)]
        self.layer = keras.Sequential([*filters, keras.layers.Conv2D(1, 3, padding="same")])

    def call(self, images):
        """Returns the logits of the cells, `(n, 8, 8)`."""
        return self.layer(images)[..., 0]

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):  # noqa: ARG002
        """Returns the mean loss of the cells."""
        boxes, labels = y["bounding_boxes"]["boxes"], y["bounding_boxes"]["labels"]
        cells = keras.ops.cast((boxes[..., :2] + boxes[..., 2:]) / 2 * CELLS / SIZE, "int32")  # column and row
        place = keras.ops.where(labels >= 0, cells[..., 1] * CELLS + cells[..., 0], -1)  # padding is nowhere
        wanted = keras.ops.max(keras.ops.one_hot(place, CELLS * CELLS), axis=1)
        found = keras.ops.reshape(y_pred, (-1, CELLS * CELLS))
        return keras.ops.mean(keras.losses.binary_crossentropy(wanted, found, from_logits=True))


keras.utils.set_random_seed(1)
model = Finder()
model.compile(keras.optimizers.Adam(0.01))
history = model.fit(train, epochs=2, verbose=0).history
print("the loss goes down:", history["loss"][1] < history["loss"][0])

Image.fromarray(train.preview(3)).save("detection.png")
print("detection.png shows three pieces and four augmentations of each.")
