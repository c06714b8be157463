/* Stand-ins for the CUDA libraries that ONNX Runtime links to, on a machine without a GPU. Device memory is host memory.
   Whatever is not here does nothing and returns 0, which means success; cuda_kernels.py adds it. Kernels compute nothing,
   so sessions load and nodes are placed as on a GPU, and no result means anything. */
#include <stdlib.h>
#include <string.h>

static char handle[1 << 16];

static int made(void **out) {
  *out = handle;
  return 0;
}

int cudaGetDeviceCount(int *count) {
  *count = 1;
  return 0;
}

int cudaGetDevice(int *device) {
  *device = 0;
  return 0;
}

int cudaGetDeviceProperties(char *properties, int device) {
  memset(properties, 0, 1024);
  return 0;
}

/* An H100, as far as it is asked: compute capability 9.0, warps of 32, 132 multiprocessors. */
int cudaDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 10 ? 32 : attribute == 16 ? 132 : 1024;
  return 0;
}

int cudaDriverGetVersion(int *version) {
  *version = 13000;
  return 0;
}

int cudaRuntimeGetVersion(int *version) {
  *version = 13000;
  return 0;
}

int cudaMemGetInfo(size_t *free, size_t *total) {
  *free = *total = (size_t)8 << 30;
  return 0;
}

int cudaMalloc(void **out, size_t bytes) {
  *out = calloc(1, bytes ? bytes : 1);
  return *out ? 0 : 2;
}

int cudaMallocHost(void **out, size_t bytes) { return cudaMalloc(out, bytes); }
int cudaHostAlloc(void **out, size_t bytes, unsigned flags) { return cudaMalloc(out, bytes); }

int cudaFree(void *memory) {
  free(memory);
  return 0;
}

int cudaFreeHost(void *memory) { return cudaFree(memory); }

int cudaMemcpy(void *to, const void *from, size_t bytes, int kind) {
  memmove(to, from, bytes);
  return 0;
}

int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream) {
  return cudaMemcpy(to, from, bytes, kind);
}

int cudaMemset(void *memory, int value, size_t bytes) {
  memset(memory, value, bytes);
  return 0;
}

int cudaMemsetAsync(void *memory, int value, size_t bytes, void *stream) { return cudaMemset(memory, value, bytes); }
int cudaStreamCreate(void **out) { return made(out); }
int cudaStreamCreateWithFlags(void **out, unsigned flags) { return made(out); }
int cudaEventCreate(void **out) { return made(out); }
int cudaEventCreateWithFlags(void **out, unsigned flags) { return made(out); }

int cudaStreamIsCapturing(void *stream, int *capturing) {
  *capturing = 0;
  return 0;
}

int cublasCreate_v2(void **out) { return made(out); }
int cublasLtCreate(void **out) { return made(out); }
void *__cudaRegisterFatBinary(void *binary) { return handle; }
const char *cudaGetErrorName(int error) { return "stand-in"; }
const char *cudaGetErrorString(int error) { return "stand-in"; }
const char *cublasGetStatusString(int status) { return "stand-in"; }
