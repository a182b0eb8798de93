using System.Globalization;
using Muster.Client;

namespace Muster.Worker;

/// <summary>
/// Reads, writes, compares-and-sets and deletes a few keys, by the versions that were seen. No value is
/// written twice, so a version stands for its value.
/// </summary>
internal sealed class ConfigCalls(IConfig config, Recording recording, string prefix)
{
    private const string Model = "cas-register";
    private const int Keys = 2;

    public async Task NextAsync(int process, Random random, int number)
    {
        var key = prefix + "key" + random.Next(Keys).ToString(CultureInfo.InvariantCulture);
        var value = string.Create(CultureInfo.InvariantCulture, $"{process}-{number}");
        try
        {
            switch (random.Next(6))
            {
                case 0:
                    recording.Invoke(Model, process, "write", key, value);
                    await config.PutAsync(key, value);
                    recording.Ok(Model, process);
                    break;
                case 1:
                    await ReplaceAsync(process, key, null);
                    break;
                default:
                    await ReplaceAsync(process, key, value);
                    break;
            }
        }
        catch (MusterUnknownException)
        {
            recording.Unknown(Model, process);
        }
    }

    private async Task ReplaceAsync(int process, string key, string? value)
    {
        recording.Invoke(Model, process, "read", key);
        var seen = await config.GetAsync(key);
        recording.Ok(Model, process, seen?.Value);
        recording.Invoke(Model, process, "cas", key, seen?.Value, value);
        try
        {
            if (value is null)
            {
                await config.DeleteAsync(key, seen?.Version ?? 0);
            }
            else
            {
                await config.PutAsync(key, value, seen?.Version ?? 0);
            }
            recording.Ok(Model, process, result: true);
        }
        catch (ConfigConflictException)
        {
            recording.Ok(Model, process, result: false);
        }
    }
}
