using System.Security.Cryptography;
using Deucalion.Node.Configuration;

namespace Deucalion.Node.Hosting;

/// <summary>
/// Puts changed limits into force without being asked: looks at the files that may hold them every few seconds. By their contents, since what a mounted
/// directory swaps behind a link keeps its times. A change counts once it has stood for a whole interval, so that no half-written file is read.
/// </summary>
internal sealed class LimitsWatch(ConfigSource source, ReloadableSettings settings, TimeProvider time)
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private string _inForce = Contents(source, settings);
    private string _before = string.Empty;

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Look();
        }
    }

    /// <summary>Looks once: reloads what is as it was at the look before, and is not in force. Not for several threads.</summary>
    public void Look()
    {
        var now = Contents(source, settings);
        if (now != _inForce && now == _before)
        {
            settings.ReloadLimits();

            // The reload may have named another file, whose contents belong to what is in force now.
            now = _inForce = Contents(source, settings);
        }

        _before = now;
    }

    private static string Contents(ConfigSource source, ReloadableSettings settings)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in new[] { source.File, settings.Current.LimitsFile })
        {
            if (string.IsNullOrEmpty(file))
            {
                continue;
            }

            try
            {
                hash.AppendData(File.ReadAllBytes(file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A file that is gone is a change too; what that means the reload says.
                hash.AppendData([0]);
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
