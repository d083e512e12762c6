using System.Runtime.InteropServices;

namespace Deucalion.Cluster.Stores;

/// <summary>
/// A directory that each node reaches through a symbolic link of its own. A node is cut off by pointing its link at a file, which can hold nothing;
/// all are by moving the directory away and putting a file in its place.
/// </summary>
internal sealed partial class SharedDirectory
{
    private readonly string _directory;

    public SharedDirectory(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(Shared);
        File.WriteAllText(Nothing, string.Empty);
    }

    private string Shared => Path.Combine(_directory, "shared");

    private string Away => Path.Combine(_directory, "away");

    private string Nothing => Path.Combine(_directory, "nothing");

    /// <summary>The path that a node is told.</summary>
    public string PathOf(string node)
    {
        var link = LinkOf(node);
        if (!Directory.Exists(link))
        {
            Point(link, Shared);
        }

        return link;
    }

    public void CutFrom(string node) => Point(LinkOf(node), Nothing);

    public void GiveBackTo(string node) => Point(LinkOf(node), Shared);

    public void TakeAway()
    {
        Directory.Move(Shared, Away);
        File.WriteAllText(Shared, string.Empty);
    }

    public void PutBack()
    {
        File.Delete(Shared);
        Directory.Move(Away, Shared);
    }

    private static void Point(string link, string target)
    {
        var next = link + ".next";
        File.CreateSymbolicLink(next, target);

        // In one step: a node must never find nothing there and make a directory of its own. File.Move refuses links to directories.
        if (Rename(next, link) != 0)
        {
            throw new IOException($"{next} could not be renamed to {link}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    private string LinkOf(string node) => Path.Combine(_directory, $"of-{node}");
}
