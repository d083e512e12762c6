using System.Globalization;

namespace Deucalion.Testing.Processes;

/// <summary>Memory of a process as the kernel counts it.</summary>
public static class ResidentMemory
{
    /// <summary>Resident bytes now.</summary>
    public static long Of(int processId)
    {
        foreach (var line in File.ReadLines($"/proc/{processId}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
            }
        }

        throw new InvalidOperationException($"process {processId} shows no resident memory");
    }
}
