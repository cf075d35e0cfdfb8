/*
 * A Vulkan layer for drivers that stand on one of Mesa's shims instead of a GPU. Pipelines are compiled, and for each
 * the folder COMPILER_REPORT gets what the compiler says of it: statistics.json, and its listings as 0.txt, 1.txt …,
 * their names in the first line. Commands, which the shims can't run, are accepted and forgotten.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

#define MOST 64 /* statistics or listings of a pipeline */

/* One instance and one device a process. */
static VkInstance the_instance;
static PFN_vkGetInstanceProcAddr next_instance_function;
static PFN_vkGetDeviceProcAddr next_device_function;

#define NEXT(device, name) ((PFN_##name)next_device_function(device, #name))

/* ---- What the compiler says ---- */

static FILE *report(const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", getenv("COMPILER_REPORT"), name);
  return fopen(path, "w");
}

static void write_value(FILE *file, const VkPipelineExecutableStatisticKHR *statistic) {
  switch (statistic->format) {
  case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR: fprintf(file, "%.17g", statistic->value.f64); break;
  case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_INT64_KHR: fprintf(file, "%lld", (long long)statistic->value.i64); break;
  case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_BOOL32_KHR: fprintf(file, "%u", statistic->value.b32); break;
  default: fprintf(file, "%llu", (unsigned long long)statistic->value.u64);
  }
}

static void write_statistics(VkDevice device, const VkPipelineExecutableInfoKHR *executable) {
  VkPipelineExecutableStatisticKHR statistics[MOST] = {0};
  for (int i = 0; i < MOST; i++) statistics[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
  uint32_t count = MOST;
  NEXT(device, vkGetPipelineExecutableStatisticsKHR)(device, executable, &count, statistics);
  FILE *file = report("statistics.json");
  if (!file) return;
  for (uint32_t i = 0; i < count; i++) {
    fprintf(file, "%s\"%s\":", i ? "," : "{", statistics[i].name);
    write_value(file, &statistics[i]);
  }
  fprintf(file, "}\n");
  fclose(file);
}

/* The first call gives the sizes, the second the texts. */
static void write_listings(VkDevice device, const VkPipelineExecutableInfoKHR *executable) {
  VkPipelineExecutableInternalRepresentationKHR listings[MOST] = {0};
  for (int i = 0; i < MOST; i++)
    listings[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
  uint32_t count = MOST;
  PFN_vkGetPipelineExecutableInternalRepresentationsKHR get =
      NEXT(device, vkGetPipelineExecutableInternalRepresentationsKHR);
  get(device, executable, &count, listings);
  for (uint32_t i = 0; i < count; i++) listings[i].pData = malloc(listings[i].dataSize);
  get(device, executable, &count, listings);
  for (uint32_t i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "%u.txt", i);
    FILE *file = report(name);
    if (file) {
      fprintf(file, "%s\n", listings[i].name);
      fwrite(listings[i].pData, 1, strnlen(listings[i].pData, listings[i].dataSize), file);
      fclose(file);
    }
    free(listings[i].pData);
  }
}

static VKAPI_ATTR VkResult VKAPI_CALL create_compute_pipelines(
    VkDevice device, VkPipelineCache cache, uint32_t count, const VkComputePipelineCreateInfo *infos,
    const VkAllocationCallbacks *allocator, VkPipeline *pipelines) {
  VkComputePipelineCreateInfo *talkative = malloc(count * sizeof *talkative);
  memcpy(talkative, infos, count * sizeof *talkative);
  for (uint32_t i = 0; i < count; i++)
    talkative[i].flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR |
                          VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
  VkResult result =
      NEXT(device, vkCreateComputePipelines)(device, cache, count, talkative, allocator, pipelines);
  free(talkative);
  for (uint32_t i = 0; i < count && result == VK_SUCCESS; i++) {
    VkPipelineExecutableInfoKHR executable = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, NULL, pipelines[i], 0};
    write_statistics(device, &executable);
    write_listings(device, &executable);
  }
  return result;
}

/* ---- What is accepted and forgotten ---- */

static VKAPI_ATTR VkResult VKAPI_CALL succeed(void) { return VK_SUCCESS; }
static VKAPI_ATTR void VKAPI_CALL forget(void) {}

/* Where nothing is compiled for real, there is nothing to cache. */
static VKAPI_ATTR VkResult VKAPI_CALL no_cache(VkDevice device, VkPipelineCache cache, size_t *size, void *data) {
  *size = 0;
  return VK_SUCCESS;
}

/* ---- Being a layer ---- */

/* The loader's note, in a chain of structures, of who comes next. */
static void *link_of(const void *chain, VkStructureType type) {
  VkLayerDeviceCreateInfo *info = (VkLayerDeviceCreateInfo *)chain;
  while (info->sType != type || info->function != VK_LAYER_LINK_INFO) info = (VkLayerDeviceCreateInfo *)info->pNext;
  return info;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(
    const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator, VkInstance *instance) {
  VkLayerInstanceCreateInfo *link = link_of(info->pNext, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO);
  next_instance_function = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  PFN_vkCreateInstance create = (PFN_vkCreateInstance)next_instance_function(NULL, "vkCreateInstance");
  VkResult result = create(info, allocator, instance);
  the_instance = *instance;
  return result;
}

/* The device gets the extension that tells of pipelines. */
static VKAPI_ATTR VkResult VKAPI_CALL create_device(
    VkPhysicalDevice gpu, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator, VkDevice *device) {
  VkLayerDeviceCreateInfo *link = link_of(info->pNext, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO);
  next_device_function = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;

  uint32_t count = info->enabledExtensionCount;
  const char **extensions = malloc((count + 1) * sizeof *extensions);
  memcpy(extensions, info->ppEnabledExtensionNames, count * sizeof *extensions);
  extensions[count] = VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME;
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR feature = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR, (void *)info->pNext, VK_TRUE};
  VkDeviceCreateInfo more = *info;
  more.pNext = &feature;
  more.enabledExtensionCount = count + 1;
  more.ppEnabledExtensionNames = extensions;
  PFN_vkCreateDevice create = (PFN_vkCreateDevice)next_instance_function(the_instance, "vkCreateDevice");
  VkResult result = create(gpu, &more, allocator, device);
  free(extensions);
  return result;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetDeviceProcAddr(VkDevice device, const char *name);
VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetInstanceProcAddr(VkInstance instance, const char *name);

static PFN_vkVoidFunction own_function(const char *name) {
  static const struct { const char *name; void *function; } own[] = {
      {"vkGetInstanceProcAddr", vkGetInstanceProcAddr},
      {"vkGetDeviceProcAddr", vkGetDeviceProcAddr},
      {"vkCreateInstance", create_instance},
      {"vkCreateDevice", create_device},
      {"vkCreateComputePipelines", create_compute_pipelines},
      {"vkGetPipelineCacheData", no_cache},
      {"vkBeginCommandBuffer", succeed},
      {"vkEndCommandBuffer", succeed},
      {"vkResetCommandBuffer", succeed},
      {"vkQueueSubmit", succeed},
      {"vkQueueSubmit2", succeed},
      {"vkQueueSubmit2KHR", succeed},
      {"vkQueueWaitIdle", succeed},
      {"vkDeviceWaitIdle", succeed},
      {"vkWaitForFences", succeed},
      {"vkGetFenceStatus", succeed},
  };
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (!strcmp(name, own[i].name)) return (PFN_vkVoidFunction)own[i].function;
  return strncmp(name, "vkCmd", 5) ? NULL : (PFN_vkVoidFunction)forget;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetInstanceProcAddr(VkInstance instance, const char *name) {
  PFN_vkVoidFunction own = own_function(name);
  if (own || !next_instance_function) return own;
  return next_instance_function(instance, name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetDeviceProcAddr(VkDevice device, const char *name) {
  PFN_vkVoidFunction own = own_function(name);
  return own ? own : next_device_function(device, name);
}

VKAPI_ATTR VkResult VKAPI_CALL vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface *negotiation) {
  negotiation->loaderLayerInterfaceVersion = 2;
  negotiation->pfnGetInstanceProcAddr = vkGetInstanceProcAddr;
  negotiation->pfnGetDeviceProcAddr = vkGetDeviceProcAddr;
  negotiation->pfnGetPhysicalDeviceProcAddr = NULL;
  return VK_SUCCESS;
}
