# Memory for finished batches; a part of _core.pyx, which includes it. The list of free memory has a lock of its own, so
# that it is right without the interpreter lock too, and nothing that touches it calls Python.

cimport cython
from cpython.buffer cimport PyBUF_ND
from libc.string cimport memmove

cdef extern from "pythread.h" nogil:
    ctypedef void *PyThread_type_lock
    PyThread_type_lock PyThread_allocate_lock()
    int PyThread_acquire_lock_timed(PyThread_type_lock, long long, int)
    void PyThread_release_lock(PyThread_type_lock)

cdef extern from * nogil:
    """
    #ifdef _WIN32
    #include <malloc.h>
    static void *seqaug_allocate(size_t size) { return _aligned_malloc(size, 64); }
    static void seqaug_free(void *memory) { _aligned_free(memory); }
    #else
    #include <stdlib.h>
    #include <sys/mman.h>
    static void *seqaug_allocate(size_t size) {
        void *memory;
        size_t large = 1 << 21; /* bytes: a huge page */
        if (posix_memalign(&memory, size < 2 * large ? 64 : large, size) != 0) return NULL;
    #ifdef MADV_HUGEPAGE /* NumPy asks for them too: the first touch then costs a tenth. A refusal does no harm. */
        if (size >= 2 * large) (void)madvise(memory, size, MADV_HUGEPAGE);
    #endif
        return memory;
    }
    static void seqaug_free(void *memory) { free(memory); }
    #endif
    """
    void *seqaug_allocate(size_t)
    void seqaug_free(void *)

cdef enum:
    LEAST = 1 << 17  # bytes: about where malloc begins to ask the system for each block, and to give each one back
    MOST = 1 << 28  # bytes on the list: 13 batches of 32 × 224 × 224 × 3 floats
    PLACES = 32

cdef struct _Free:
    void *memory
    size_t size

cdef struct _FreeList:
    PyThread_type_lock lock
    _Free blocks[PLACES]  # the first `count` are in use, in the order in which they were given back
    int count
    size_t held

cdef _FreeList _list
_list.lock = PyThread_allocate_lock()
if _list.lock == NULL:
    raise MemoryError


@cython.final
cdef class Block:
    """`size` bytes of uninitialised memory that start at a multiple of 64, exported as a buffer to write to.

    Whatever views the buffer keeps the block alive. When the last view has gone, the memory joins a list, from which a
    new block of exactly that size takes the one that joined last: filling memory that was in use before is many times
    faster than the first touch of fresh memory. The list holds at most 32 blocks and 256 MiB, and for that frees those
    that joined first; blocks under 128 KiB or over 256 MiB are freed at once. `release_memory` empties it.
    """

    cdef void *memory
    cdef Py_ssize_t size

    def __cinit__(self, Py_ssize_t size):
        if size < 0:
            raise ValueError(f"Expected a size of 0 bytes or more. Received: size={size}")
        self.size = size
        self.memory = _obtain(max(size, 1))
        if self.memory == NULL:
            raise MemoryError(f"Cannot allocate {size} bytes.")

    def __getbuffer__(self, Py_buffer *view, int flags):
        view.obj = self
        view.buf = self.memory
        view.len = self.size
        view.readonly = False
        view.itemsize = view.ndim = 1
        view.format = <char *>b"B" if flags & PyBUF_FORMAT else NULL
        view.shape = &self.size if flags & PyBUF_ND else NULL
        view.strides = &view.itemsize if flags & PyBUF_STRIDES == PyBUF_STRIDES else NULL
        view.suboffsets = NULL
        view.internal = NULL

    def __dealloc__(self):
        _give_back(self.memory, self.size)


def release_memory():
    """Frees all memory that waits to be used again, and returns how many bytes that was."""
    return _release()


cdef bint _locked() noexcept nogil:
    """Locks the list, unless that takes a millisecond; without the list, memory is simply allocated and freed.

    The lock is held for a few instructions, so only a child that was forked by one thread while another held it, and
    that thread is gone, ever waits in vain. (Under the interpreter lock that cannot be.) No handler after the fork
    could put it right: Python destroys the objects of lost threads before it calls any.
    """
    return PyThread_acquire_lock_timed(_list.lock, 1000, 0) == 1


cdef void *_unlist(int place) noexcept nogil:
    """Takes a block off the locked list."""
    cdef void *memory = _list.blocks[place].memory
    _list.held -= _list.blocks[place].size
    _list.count -= 1
    memmove(&_list.blocks[place], &_list.blocks[place + 1], (_list.count - place) * sizeof(_Free))
    return memory


cdef void *_obtain(size_t size) noexcept nogil:
    """Returns memory from the list or else from the system, or NULL if neither has any."""
    cdef void *memory = NULL
    cdef int place
    if size >= LEAST and _locked():
        for place in range(_list.count - 1, -1, -1):
            if _list.blocks[place].size == size:
                memory = _unlist(place)
                break
        PyThread_release_lock(_list.lock)
    if memory == NULL:
        memory = seqaug_allocate(size)
    if memory == NULL and _release() > 0:
        memory = seqaug_allocate(size)
    return memory


cdef void _give_back(void *memory, size_t size) noexcept nogil:
    """Puts memory on the list, or frees it."""
    cdef void *oldest
    while memory != NULL and LEAST <= size <= MOST and _locked():
        oldest = NULL
        if _list.count < PLACES and _list.held + size <= MOST:
            _list.blocks[_list.count].memory = memory
            _list.blocks[_list.count].size = size
            _list.count += 1
            _list.held += size
            memory = NULL
        else:
            oldest = _unlist(0)
        PyThread_release_lock(_list.lock)
        seqaug_free(oldest)
    seqaug_free(memory)


cdef size_t _release() noexcept nogil:
    """Frees what is on the list, and returns how many bytes that was."""
    cdef size_t size, released = 0
    cdef void *memory
    cdef int place
    for place in range(PLACES):  # and not for ever, if other threads go on adding to it
        size, memory = 0, NULL
        if _locked():
            if _list.count > 0:
                size = _list.blocks[0].size
                memory = _unlist(0)
            PyThread_release_lock(_list.lock)
        seqaug_free(memory)
        released += size
    return released
