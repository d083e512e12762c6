namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>A file of a Prometheus head is damaged, or holds what is not read here; names the file and the offset in it.</summary>
public sealed class WalException : IOException
{
    /// <summary>Says where and what.</summary>
    public WalException(string path, long offset, string reason, Exception? inner)
        : base($"{path}: offset {offset}: {reason}", inner)
    {
    }
}
