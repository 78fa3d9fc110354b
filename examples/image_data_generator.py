"""What the documentation of Keras's ImageDataGenerator shows, with one import changed.

Arrays with labels, a loop by hand, folders with validation, pictures and masks in step, a data frame, the functions of
one image. The last line printed is a hash of all batches: the same with Keras's import in the place of ours.

Needs the extra `demo`, and pandas: `pip install ".[demo]" pandas` in the root of the checkout.
"""

import hashlib
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import skimage.data

from seqaug.preprocessing.image import (
    ImageDataGenerator,
    apply_affine_transform,
    array_to_img,
    img_to_array,
    load_img,
    random_rotation,
    random_zoom,
    save_img,
)

warnings.simplefilter("ignore", DeprecationWarning)  # Keras's own reaches SciPy by a deprecated name
np.random.seed(1)
seen = hashlib.sha256()


def note(*arrays):
    for array in arrays:
        seen.update(np.ascontiguousarray(array).tobytes())


x_train = np.stack([skimage.data.astronaut()[8 * i : 8 * i + 32, 100:132] for i in range(40)]).astype("float32")
y_train = keras.utils.to_categorical(np.arange(40) % 2, 2)
model = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, activation="softmax")])
model.compile("sgd", "categorical_crossentropy")

# Arrays with labels. `fit` finds what the featurewise options need.
datagen = ImageDataGenerator(
    featurewise_center=True,
    featurewise_std_normalization=True,
    rotation_range=20,
    width_shift_range=0.2,
    height_shift_range=0.2,
    horizontal_flip=True,
    validation_split=0.2,
)
datagen.fit(x_train)
model.fit(datagen.flow(x_train, y_train, batch_size=8, subset="training", seed=1), verbose=0, epochs=1)
note(*next(datagen.flow(x_train, y_train, batch_size=8, subset="validation", seed=1)))

# A loop by hand: the generator goes on for ever.
for batch, (x_batch, y_batch) in enumerate(datagen.flow(x_train, y_train, batch_size=32)):
    note(x_batch, y_batch)
    if batch == 2:
        break

with tempfile.TemporaryDirectory() as folder:
    for i, image in enumerate(x_train):
        for kind in ("images", "masks"):
            path = Path(folder, kind, "cats" if i % 2 else "dogs", f"{i:02}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            save_img(path, image if kind == "images" else image[..., :1] > 120)

    # Folders, one per class, with transforms for training and none for validation.
    train_datagen = ImageDataGenerator(rescale=1.0 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
    test_datagen = ImageDataGenerator(rescale=1.0 / 255)
    train_generator = train_datagen.flow_from_directory(
        f"{folder}/images", target_size=(24, 24), batch_size=8, class_mode="categorical", seed=2
    )
    validation_generator = test_datagen.flow_from_directory(f"{folder}/images", target_size=(24, 24), seed=2)
    model.fit(train_generator, epochs=1, validation_data=validation_generator, verbose=0)
    note(*train_generator[0])

    # Pictures and masks in step, by one seed.
    both = {"rotation_range": 90, "width_shift_range": 0.1, "zoom_range": 0.2}
    flow = {"class_mode": None, "seed": 1, "batch_size": 8, "target_size": (32, 32)}
    image_generator = ImageDataGenerator(**both).flow_from_directory(f"{folder}/images", **flow)
    mask_generator = ImageDataGenerator(**both).flow_from_directory(f"{folder}/masks", color_mode="grayscale", **flow)
    for _, (images, masks) in zip(range(2), zip(image_generator, mask_generator, strict=False), strict=False):
        note(images, masks)

    # A data frame of file names and numbers.
    names = sorted(str(path.relative_to(folder)) for path in Path(folder, "images").rglob("*.png"))
    frame = pd.DataFrame({"id": names, "label": np.arange(len(names)) / 2})
    from_frame = ImageDataGenerator(rotation_range=10).flow_from_dataframe(
        frame, directory=folder, x_col="id", y_col="label", class_mode="raw", target_size=(24, 24), seed=3
    )
    note(*from_frame[0])

    # One image, as arrays and as files.
    image = img_to_array(load_img(f"{folder}/images/cats/01.png"))[np.newaxis]
    saved = Path(folder, "preview")
    saved.mkdir()
    for i, _ in enumerate(datagen.flow(image, batch_size=1, save_to_dir=saved, save_prefix="cat", save_format="jpeg")):
        if i == 4:
            break
    print("previews saved:", len(list(saved.glob("cat_*.jpeg"))))

note(random_rotation(x_train[0], 20, row_axis=0, col_axis=1, channel_axis=2))
note(random_zoom(x_train[0], (0.8, 1.2), row_axis=0, col_axis=1, channel_axis=2))
note(apply_affine_transform(x_train[0], theta=30, tx=2, row_axis=0, col_axis=1, channel_axis=2))
note(np.asarray(array_to_img(x_train[0])))
print("all batches:", seen.hexdigest()[:16])
