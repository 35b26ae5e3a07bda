// What an AppImage starts with: a static program whose payload, a squashfs image, is appended to it. It needs neither
// FUSE nor any library of the machine: the first start unpacks the image below ~/.cache/bathyscope, later ones find it
// there. A running program holds a lock on what it was started from, so that the next version can clear away what
// nobody uses.
//
// PAYLOAD_ID, of 16 characters, names the image; the build derives it from the image's hash.
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <squashfuse/squashfuse.h>

#define STEM "appimage-"
#define MARGIN 64 // room for what is added to the path of the cache

// The library can also read images compressed by these; ours is not, and LZO would bring another licence along.
int lzo1x_decompress_safe(const void* in, size_t inBytes, void* out, size_t* outBytes, void* work) {
    (void)in, (void)inBytes, (void)out, (void)outBytes, (void)work;
    return -1;
}
int LZ4_decompress_safe(const char* in, char* out, int inBytes, int outBytes) {
    (void)in, (void)out, (void)inBytes, (void)outBytes;
    return -1;
}
int lzma_stream_buffer_decode(void) {
    return 5; // LZMA_MEM_ERROR
}

static void fail(const char* what, const char* path) {
    fprintf(stderr, "bathyscope: cannot %s %s: %s\n", what, path, strerror(errno));
    exit(127);
}

static void format(char* into, size_t bytes, const char* how, ...) {
    va_list values;
    va_start(values, how);
    const int length = vsnprintf(into, bytes, how, values);
    va_end(values);
    if (length < 0 || (size_t)length >= bytes) {
        errno = ENAMETOOLONG;
        fail("use the path", into);
    }
}

// The image begins where the ELF file ends: its section headers come last.
static size_t endOfProgram(const char* self) {
    Elf64_Ehdr header;
    const int file = open(self, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &header, sizeof header) != sizeof header)
        fail("read", self);
    close(file);
    return header.e_shoff + (size_t)header.e_shentsize * header.e_shnum;
}

static void unpackFile(sqfs* image, sqfs_inode* inode, const char* path) {
    static char buffer[1 << 20];
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, inode->base.mode & 0777);
    if (file < 0)
        fail("write", path);
    for (uint64_t done = 0; done < inode->xtra.reg.file_size;) {
        sqfs_off_t bytes = sizeof buffer;
        if (sqfs_read_range(image, inode, (sqfs_off_t)done, &bytes, buffer) || bytes <= 0) {
            errno = EIO;
            fail("unpack", path);
        }
        if (write(file, buffer, (size_t)bytes) != bytes)
            fail("write", path);
        done += (uint64_t)bytes;
    }
    if (close(file))
        fail("write", path);
}

static void unpackEntry(sqfs* image, sqfs_traverse* at, const char* path) {
    sqfs_inode inode;
    char target[PATH_MAX];
    size_t length = sizeof target;
    if (sqfs_inode_get(image, &inode, sqfs_dentry_inode(&at->entry))) {
        errno = EIO;
        fail("unpack", path);
    }
    switch (sqfs_dentry_type(&at->entry)) {
    case SQUASHFS_DIR_TYPE:
        if (mkdir(path, 0755) && errno != EEXIST)
            fail("make the folder", path);
        break;
    case SQUASHFS_SYMLINK_TYPE:
        if (sqfs_readlink(image, &inode, target, &length) || (unlink(path) && errno != ENOENT) || symlink(target, path))
            fail("make the link", path);
        break;
    case SQUASHFS_REG_TYPE:
        unpackFile(image, &inode, path);
        break;
    default:
        break;
    }
}

static void unpack(const char* self, const char* folder) {
    sqfs image;
    sqfs_traverse at;
    sqfs_err status = SQFS_OK;
    char path[PATH_MAX];
    if (mkdir(folder, 0700) && errno != EEXIST)
        fail("make the folder", folder);
    if (sqfs_open_image(&image, self, endOfProgram(self)) || sqfs_traverse_open(&at, &image, sqfs_inode_root(&image))) {
        errno = EIO;
        fail("find the image in", self);
    }
    while (sqfs_traverse_next(&at, &status)) {
        if (at.dir_end)
            continue;
        format(path, sizeof path, "%s/%s", folder, at.path);
        unpackEntry(&image, &at, path);
    }
    if (status != SQFS_OK) {
        errno = EIO;
        fail("unpack", self);
    }
}

// A folder and those above it that are missing.
static void makeFolders(const char* folder) {
    char path[PATH_MAX];
    format(path, sizeof path, "%s/", folder);
    for (char* slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) && errno != EEXIST)
            fail("make the folder", path);
        *slash = '/';
    }
}

static void cacheFolder(char* into, size_t bytes) {
    const char* cache = getenv("XDG_CACHE_HOME");
    const char* home = getenv("HOME");
    if (cache && cache[0] == '/') {
        format(into, bytes, "%s/bathyscope", cache);
    } else if (home && home[0] == '/') {
        format(into, bytes, "%s/.cache/bathyscope", home);
    } else { // a folder that everybody may write to would be a place to put programs into
        errno = ENOENT;
        fail("find the folder for caches:", "neither HOME nor XDG_CACHE_HOME is set");
    }
    makeFolders(into);
}

static int lockOf(const char* folder, int operation) {
    char path[PATH_MAX];
    format(path, sizeof path, "%s.lock", folder);
    const int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file >= 0 && flock(file, operation) == 0)
        return file;
    if (file >= 0)
        close(file);
    return -1;
}

static int removeOne(const char* path, const struct stat* about, int kind, struct FTW* at) {
    (void)about, (void)kind, (void)at;
    return remove(path);
}

// Removes other versions that no program is started from.
static void clearOthers(const char* cache) {
    DIR* entries = opendir(cache);
    const size_t length = strlen(STEM PAYLOAD_ID);
    for (struct dirent* entry = entries ? readdir(entries) : NULL; entry; entry = readdir(entries)) {
        char path[PATH_MAX], lock[PATH_MAX + 8];
        if (strncmp(entry->d_name, STEM, strlen(STEM)) || strlen(entry->d_name) != length ||
            !strcmp(entry->d_name, STEM PAYLOAD_ID))
            continue;
        format(path, sizeof path, "%s/%s", cache, entry->d_name);
        const int held = lockOf(path, LOCK_EX | LOCK_NB);
        if (held < 0)
            continue;
        nftw(path, removeOne, 16, FTW_DEPTH | FTW_PHYS);
        format(lock, sizeof lock, "%s.lock", path);
        unlink(lock);
        close(held);
    }
    if (entries)
        closedir(entries);
}

// The unpacked image; unpacked aside and renamed, so that a start that is cut off leaves nothing half.
static void provide(const char* self, const char* cache, char* folder, size_t bytes) {
    char aside[PATH_MAX];
    format(folder, bytes, "%s/" STEM PAYLOAD_ID, cache);
    lockOf(folder, LOCK_SH); // kept until the program and its engine end
    if (access(folder, X_OK) == 0)
        return;
    clearOthers(cache);
    format(aside, sizeof aside, "%s.part%d", folder, (int)getpid());
    unpack(self, aside);
    sync();
    if (rename(aside, folder)) {
        if (access(folder, X_OK)) // else another start was faster
            fail("make", folder);
        nftw(aside, removeOne, 16, FTW_DEPTH | FTW_PHYS);
    }
}

int main(int count, char** arguments) {
    char self[PATH_MAX], cache[PATH_MAX - MARGIN], folder[PATH_MAX], program[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        fail("read", "/proc/self/exe");
    self[length] = '\0';
    if (count > 1 && !strcmp(arguments[1], "--appimage-offset"))
        return printf("%zu\n", endOfProgram(self)) < 0;
    if (count > 1 && !strcmp(arguments[1], "--appimage-extract")) {
        unpack(self, "squashfs-root");
        return 0;
    }
    cacheFolder(cache, sizeof cache);
    provide(self, cache, folder, sizeof folder);
    format(program, sizeof program, "%s/AppRun", folder);
    setenv("APPIMAGE", self, 1);
    setenv("APPDIR", folder, 1);
    setenv("ARGV0", arguments[0], 1);
    execv(program, arguments);
    fail("start", program);
}
