# Files as memory; a part of _core.pyx, which includes it.

from libc.errno cimport errno

cdef extern from * nogil:
    """
    #ifdef _WIN32
    #include <errno.h>
    static const void *seqaug_map(int file, size_t size) { (void)file; (void)size; errno = ENOSYS; return NULL; }
    static void seqaug_unmap(const void *memory, size_t size) { (void)memory; (void)size; }
    #else
    #include <sys/mman.h>
    static const void *seqaug_map(int file, size_t size) {
        void *memory = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
        return memory == MAP_FAILED ? NULL : memory;
    }
    static void seqaug_unmap(const void *memory, size_t size) { (void)munmap((void *)memory, size); }
    #endif
    """
    const void *seqaug_map(int, size_t)
    void seqaug_unmap(const void *, size_t)


@cython.final
cdef class FileMap:
    """The first `size` bytes of an open file as memory, exported as a buffer that is read-only.

    The file may be closed: unlike `mmap.mmap`, which keeps a copy of the descriptor (before Python 3.13 always), this
    holds none. Whatever views the buffer keeps the map alive. The file must never become shorter. Not on Windows.
    """

    cdef const void *memory
    cdef Py_ssize_t size

    def __cinit__(self, int file, Py_ssize_t size):
        if size < 1:
            raise ValueError(f"Expected a size of 1 byte or more. Received: size={size}")
        self.size = size
        self.memory = seqaug_map(file, size)
        if self.memory == NULL:
            raise OSError(errno, f"Cannot map {size} bytes of a file into memory")

    def __getbuffer__(self, Py_buffer *view, int flags):
        if flags & PyBUF_WRITABLE:
            raise BufferError("The memory is read-only.")
        view.obj = self
        view.buf = <void *>self.memory
        view.len = self.size
        view.readonly = True
        view.itemsize = view.ndim = 1
        view.format = <char *>b"B" if flags & PyBUF_FORMAT else NULL
        view.shape = &self.size if flags & PyBUF_ND else NULL
        view.strides = &view.itemsize if flags & PyBUF_STRIDES == PyBUF_STRIDES else NULL
        view.suboffsets = NULL
        view.internal = NULL

    def __dealloc__(self):
        if self.memory != NULL:
            seqaug_unmap(self.memory, self.size)
