using System.Security.Cryptography;
using Deucalion.Common.IO;

namespace Deucalion.Replication.Coordination;

/// <summary>The lasting name of a node: 128 random bits, made at its first start.</summary>
public static class NodeIdentity
{
    private const int HexLength = 32;

    /// <summary>Reads the identity at the path (32 hexadecimal digits and a line feed), or makes one, durably.</summary>
    public static string LoadOrCreate(IDisk disk, string path)
    {
        if (AtomicFile.Read(disk, path) is { } bytes)
        {
            // It may have been written by a process that was killed before it synced the directory.
            disk.SyncDirectory(Path.GetDirectoryName(path)!);
            var text = System.Text.Encoding.ASCII.GetString(bytes).TrimEnd('\n');
            return text.Length == HexLength && text.All(char.IsAsciiHexDigitLower)
                ? text
                : throw new InvalidDataException($"{path} holds no node identity");
        }

        disk.CreateDirectory(Path.GetDirectoryName(path)!);
        var created = NewId();
        AtomicFile.Write(disk, path, System.Text.Encoding.ASCII.GetBytes(created + "\n"));
        return created;
    }

    /// <summary>128 random bits as 32 hexadecimal digits.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
