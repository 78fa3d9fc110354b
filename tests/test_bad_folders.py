"""What from_directory refuses: what Keras's function does, by the same kinds of errors, and more."""

import keras
import numpy as np
import pytest
from common import end_pools
from trees import photographs

from seqaug import AugmentedSequence


def theirs(**arguments):
    return keras.utils.image_dataset_from_directory(**arguments)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return photographs(tmp_path_factory.mktemp("two"), ["cat", "dog"], 6)


BAD = {
    "labels": {"labels": "infer"},
    "labels of an array": {"labels": np.zeros(12, int)},
    "count": {"labels": [0] * 11},
    "label_mode": {"label_mode": "one-hot"},
    "class_names": {"class_names": ["cat", "bird"]},
    "class_names without classes": {"labels": None, "class_names": ["cat"]},
    "class_names of given labels": {"labels": [0] * 12, "class_names": ["cat"]},
    "binary": {"label_mode": "binary", "class_names": ["cat"]},
    "no classes": {"class_names": []},
    "color_mode": {"color_mode": "bgr"},
    "image_size": {"image_size": (3, 4, 5)},
    "interpolation": {"interpolation": "linear"},
    "split": {"validation_split": 1.5, "subset": "both", "seed": 1},
    "split alone": {"validation_split": 0.5, "seed": 1},
    "subset alone": {"subset": "training"},
    "subset": {"validation_split": 0.5, "subset": "test", "seed": 1},
    "no seed": {"validation_split": 0.5, "subset": "training"},
    "small split": {"validation_split": 0.01, "subset": "both", "seed": 1},
    "data_format": {"data_format": "first"},
    "both": {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
    "gone": {"directory": "gone"},
}


@pytest.mark.parametrize("case", BAD)
def test_errors_are_of_keras_kinds(two, case):
    chosen = {"directory": two} | BAD[case]
    kinds = []
    for function in (theirs, AugmentedSequence.from_directory):
        with pytest.raises((ValueError, OSError)) as error:
            function(**chosen)
        end_pools(error.value)
        kinds.append(type(error.value))
    assert kinds[0] is kinds[1]


@pytest.mark.parametrize(
    ("chosen", "kind", "message"),
    [
        ({"batch_size": None}, ValueError, "`batch_size` must be a number: a Sequence consists of batches"),
        ({"interpolation": "lanczos3"}, ValueError, "must be one of 'nearest', 'bilinear', 'bicubic'.*'lanczos3'"),
        ({"bacth_size": 3}, TypeError, "no argument `bacth_size`; did you mean `batch_size`"),
        ({"y": 3}, TypeError, "no argument `y`"),
        ({"validation_split": 0.01, "subset": "validation", "seed": 1}, ValueError, "leaves no sample for validation"),
        ({"labels": [5, 7] * 6, "label_mode": "categorical"}, ValueError, "numbers from 0 to 1 .*Received: .'5', '7'"),
        ({"labels": [0.5] * 12}, TypeError, "whole numbers"),
        ({"labels": [2**40] * 12}, ValueError, "int32"),
        ({"formats": ["jpg"]}, ValueError, "`formats` must be extensions"),
        ({"formats": ".webp"}, ValueError, "holds no files of .'.webp'"),
        ({"directory": "gs://bucket"}, ValueError, "folder of this system"),
    ],
)
def test_messages_of_our_own(two, chosen, kind, message):
    with pytest.raises(kind, match=message):
        AugmentedSequence.from_directory(**{"directory": two} | chosen)
